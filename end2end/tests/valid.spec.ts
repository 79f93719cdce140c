/** Valid HTML: the Nu Html Checker finds nothing on any page, in any state, as it is served. */
import { expect, test, type Page } from '@playwright/test';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { everyPage, showUs, withdrawal, type Look } from './walk';

const checker = join(createRequire(import.meta.url).resolve('vnu-jar/package.json'), '../build/dist/vnu.jar');

interface Message {
  url: string;
  type: string;
  message: string;
  extract?: string;
  lastLine?: number;
}

/** What is told of the framework's own marks, which are comments of three letters. */
const ofMarks = ({ message, extract = '' }: Message) => /bogus comment/i.test(message) && extract.includes('<!>');

/** Keeps each page that is looked at as it came; answers with what is wrong with them. */
function keeping(page: Page, folder: string): { look: Look; wrong: () => string[] } {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let came: Promise<string> | undefined;
  page.on('response', (answer) => {
    const whole = answer.request().isNavigationRequest() && answer.frame() === page.mainFrame();
    if (whole && answer.headers()['content-type']?.startsWith('text/html') && ![301, 302, 303, 307].includes(answer.status())) {
      came = answer.text();
      // Of a page that nobody looks at it may be gone before it is read.
      came.catch(() => {});
    }
  });
  return {
    look: async (_, name) => {
      const file = `${String(readdirSync(folder).length).padStart(2, '0')} ${name.replace(/[^\w, ]/g, '_')}.html`;
      writeFileSync(join(folder, file), await came!);
    },
    wrong: () => {
      const files = readdirSync(folder).sort().map((file) => join(folder, file));
      expect(files.length).toBeGreaterThan(0);
      const said = execFileSync('java', ['-jar', checker, '--format', 'json', '--stdout', '--exit-zero-always', ...files], { maxBuffer: 1 << 26 });
      const { messages } = JSON.parse(said.toString()) as { messages: Message[] };
      return messages.filter((message) => !ofMarks(message))
        .map(({ url, message, extract }) => `${decodeURIComponent(url.split('/').at(-1)!)}: ${message} ${extract ?? ''}`);
    },
  };
}

for (const lang of ['zh-CN', 'en', 'de', 'fr']) {
  test(`every page is valid HTML, ${lang}`, async ({ page, context, baseURL }, info) => {
    test.skip(info.project.name !== 'phone', 'what is served is the same for all');
    test.setTimeout(300_000);
    await context.addCookies([{ name: 'lang', value: lang, url: baseURL! }]);
    const { look, wrong } = keeping(page, info.outputPath('pages'));
    await everyPage(page, look, `valid-${lang}`);
    await showUs(page, look);
    await withdrawal(page, look);
    expect(wrong()).toEqual([]);
  });
}
