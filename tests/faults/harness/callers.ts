/** Which process holds a TCP connection: all gateways call from the same address, and TLS 1.3 shows no name in clear. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const LOOPBACK = '0100007F';
const LOCAL = 1;
const INODE = 9;

/** The one of `pids` that calls from this port of the loopback address; undefined when it is nobody of them, or no Linux. */
export function pidOfPort(port: number, pids: readonly number[]): number | undefined {
  const inode = inodeOf(port);
  if (inode === undefined) return undefined;
  return pids.find((pid) => socketsOf(pid).includes(`socket:[${inode}]`));
}

function inodeOf(port: number): string | undefined {
  const local = `${LOOPBACK}:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readOr('/proc/net/tcp').split('\n');
  const fields = lines.map((line) => line.trim().split(/\s+/)).find((found) => found[LOCAL] === local);
  return fields?.[INODE];
}

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return '';
      }
    });
  } catch {
    return [];
  }
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
