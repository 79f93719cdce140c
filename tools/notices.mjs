// The licences of all libraries that the server and its pages are made of, each text once. Reads `cargo metadata`, writes text.
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const { packages, resolve } = JSON.parse(readFileSync(0));
const byId = new Map(packages.map((one) => [one.id, one]));
const nodes = new Map(resolve.nodes.map((node) => [node.id, node]));
// What only tests or builds use is not handed out.
const used = new Set();
const look = packages.filter((one) => ['server', 'app'].includes(one.name) && one.source === null).map((one) => one.id);
while (look.length > 0) {
  const id = look.pop();
  if (used.has(id)) continue;
  used.add(id);
  for (const { pkg, dep_kinds } of nodes.get(id).deps) {
    if (dep_kinds.some(({ kind }) => kind === null)) look.push(pkg);
  }
}

const texts = new Map();
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const libraries = [...used].map((id) => byId.get(id)).filter((one) => one.source !== null);
libraries.sort((a, b) => compare(`${a.name} ${a.version}`, `${b.name} ${b.version}`));
for (const { name, version, license, manifest_path } of libraries) {
  const folder = dirname(manifest_path);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice|unlicense|copyright)/i.test(file));
  const found = files.map((file) => join(folder, file)).filter((file) => statSync(file).isFile()).sort(compare);
  const said = `${name} ${version} (${license ?? 'see its text'})`;
  const all = found.length > 0 ? found.map((file) => readFileSync(file, 'utf8').replaceAll('\r', '').trim()) : ['(The licence named beside it; its package brings no text.)'];
  for (const text of all) texts.set(text, [...(texts.get(text) ?? []), said]);
}
for (const [text, of] of texts) process.stdout.write(`${[...new Set(of)].join('\n')}\n\n${text}\n\n${'-'.repeat(80)}\n\n`);
