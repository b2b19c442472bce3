/** A thread of an audit: scans the ranges it is sent, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import type { AuditPlan, RangeTask } from '../range.ts';
import { RangeScanner } from '../scan.ts';
import type { Answer } from './thread.ts';

const scanner = new RangeScanner(workerData as AuditPlan);

function answer(task: RangeTask): Answer {
  try {
    return { result: scanner.scan(task) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (task: RangeTask) => parentPort?.postMessage(answer(task)));
parentPort?.postMessage('ready');
