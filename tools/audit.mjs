// What comes in from outside: only known licences, none of the banned crates, one version of those that must agree.
// Advisories are looked up where `cargo audit` is installed and its database can be reached.
import { execFileSync, spawnSync } from 'node:child_process';

const allowed = new Set(['MIT', 'Apache-2.0', 'Apache-2.0 WITH LLVM-exception', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'Zlib', 'Unicode-3.0', 'CC0-1.0', 'Unlicense', '0BSD', 'BSL-1.0', 'MPL-2.0', 'CDLA-Permissive-2.0', 'MIT-0']);
const banned = ['openssl', 'openssl-sys', 'native-tls', 'aws-lc-rs', 'aws-lc-sys'];
// Our own code tells the time by jiff; what comes along with others' crates is theirs.
const notOurs = ['chrono', 'time'];
const single = ['axum', 'hyper', 'sqlx-core', 'rustls', 'reqwest', 'tokio', 'leptos', 'image'];

const metadata = JSON.parse(execFileSync('cargo', ['metadata', '--locked', '--format-version=1', '--features', 'app/ssr'], { maxBuffer: 1 << 28 }));
const kept = new Map(metadata.resolve.nodes.map((node) => [node.id, node]));
const seen = new Set();
const walk = (id) => {
  if (seen.has(id)) return;
  seen.add(id);
  for (const dependency of kept.get(id).deps) if (dependency.dep_kinds.some((kind) => kind.kind === null)) walk(dependency.pkg);
};
const ours = metadata.packages.filter((item) => item.source === null);
ours.filter((item) => ['app', 'domain', 'server'].includes(item.name)).forEach((item) => walk(item.id));
const shipped = metadata.packages.filter((item) => seen.has(item.id) && item.source !== null);

const wrong = [];
const fits = (expression) => expression.replaceAll('/', ' OR ').replace(/[()]/g, ' ').split(/\s+OR\s+/).some((part) => part.split(/\s+AND\s+/).every((name) => allowed.has(name.trim())));
for (const item of shipped) {
  if (!item.license && !item.license_file) wrong.push(`${item.name}: no licence`);
  else if (item.license && !fits(item.license) && !item.license.split(/\s+AND\s+/).every((part) => fits(part))) wrong.push(`${item.name}: licence ${item.license}`);
  if (banned.includes(item.name)) wrong.push(`${item.name}: banned`);
}
for (const item of ours) {
  for (const { name } of item.dependencies) if (notOurs.includes(name)) wrong.push(`${item.name}: depends on ${name}`);
}
for (const name of single) {
  const versions = shipped.filter((item) => item.name === name).map((item) => item.version);
  if (versions.length > 1) wrong.push(`${name}: ${versions.join(' and ')}`);
}
if (wrong.length) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
console.log(`  ${shipped.length} crates shipped: licences known, nothing banned, one version each of ${single.length} that must agree`);
const installed = spawnSync('cargo', ['audit', '--version'], { stdio: 'ignore' }).status === 0;
const audit = installed ? spawnSync('cargo', ['audit', '--quiet'], { stdio: 'inherit' }) : undefined;
if (!audit) console.log('  advisories were not looked up: cargo-audit is not installed');
