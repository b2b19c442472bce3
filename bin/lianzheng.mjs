#!/usr/bin/env node
/** The program, from the compiled sources; compiles a fresh checkout first. */
import { existsSync } from 'node:fs';

const main = new URL('../dist/src/main.js', import.meta.url);
if (!existsSync(main)) (await import('../scripts/bootstrap.mjs')).bootstrap();
await import(main.href);
