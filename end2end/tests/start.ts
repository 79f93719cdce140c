/** Starts the server for all tests, on a database of its own, and stops it afterwards. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { base, environment as env, folder, issuer, issuerSecret, program } from './shop';

export default async function start() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [file, scope] of [['key', 'write'], ['staff-key', 'staff']]) {
    const key = execFileSync(program, ['key', 'add', '--name', `end2end-${scope}`, '--scope', scope], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    writeFileSync(join(folder, file), key);
  }
  const log = openSync(join(folder, 'log'), 'a');
  const told = [issuer, `${base}/staff/sign-on/back`, issuerSecret];
  const provider = spawn(process.execPath, [join(import.meta.dirname, 'provider.mjs'), ...told], { stdio: ['ignore', log, log] });
  const server = spawn(program, ['serve'], { env, stdio: ['ignore', log, log] });
  for (let tries = 0; ; tries++) {
    const ready = await fetch(`${base}/readyz`).then((answer) => answer.ok, () => false);
    if (ready) break;
    if (tries > 300 || server.exitCode !== null) throw new Error(`the server did not start; see ${join(folder, 'log')}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return () => {
    server.kill('SIGTERM');
    provider.kill('SIGTERM');
    // Whatever was done: what is derived from events is what they say.
    execFileSync(program, ['rebuild', '--check'], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  };
}
