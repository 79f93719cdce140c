/** A whole return with the keyboard alone: what has the focus after each key, as assistive technology is told it. */
import { expect, test, type CDPSession, type Page } from '@playwright/test';
import { same } from './golden';
import { buy } from './shop';

/** States worth telling, where they are not what everything is. */
const STATES = ['checked', 'selected', 'expanded', 'invalid', 'required', 'disabled', 'readonly'];

/** Presses keys, and writes down where they lead. */
class Hands {
  lines: string[] = [];
  private constructor(private page: Page, private tree: CDPSession) {}

  static async on(page: Page) {
    return new Hands(page, await page.context().newCDPSession(page));
  }

  async arrive() {
    await this.page.waitForLoadState();
    this.lines.push('', `# ${new URL(this.page.url()).pathname}: ${await this.page.locator('h1').innerText()}`);
  }

  /** What has the focus: role, name, states. */
  private async focus(): Promise<string> {
    const { result } = await this.tree.send('Runtime.evaluate', { expression: 'document.activeElement' });
    const { nodes: [node] } = await this.tree.send('Accessibility.getPartialAXTree', { objectId: result.objectId!, fetchRelatives: false });
    const states = (node.properties ?? []).filter(({ name, value }) => STATES.includes(name) && !['false', false, undefined].includes(value.value));
    const checked = node.properties?.find(({ name }) => name === 'checked')?.value.value;
    const told = states.filter(({ name }) => name !== 'checked').map(({ name, value }) => [true, 'true'].includes(value.value) ? name : `${name} ${value.value}`);
    if (checked !== undefined) told.unshift(String(checked) === 'true' ? 'checked' : 'not checked');
    const value = node.value?.value ? ` = “${node.value.value}”` : '';
    return `${node.role?.value} “${node.name?.value ?? ''}”${value}${told.length ? ` (${told.join(', ')})` : ''}`;
  }

  async press(key: string) {
    await this.page.keyboard.press(key);
    this.lines.push(`${key}: ${await this.focus()}`);
    const seen = await this.page.evaluate(() => {
      const [here] = [document.activeElement as HTMLElement];
      const ring = (element: Element | null) => element !== null && getComputedStyle(element).outlineStyle !== 'none';
      // The ring of what is hidden or small stands around its tile or its label's text.
      const around = [here, here.closest('.tile'), here.nextElementSibling, here.parentElement];
      return here === document.body || here.tagName === 'MAIN' || around.some(ring);
    });
    expect(seen, `the focus is seen after ${this.lines.at(-1)}`).toBe(true);
  }

  /** Tab until such an element has the focus; nobody should have to press it more often than that. */
  async to(selector: string, key = 'Tab', most = 40) {
    for (let times = 0; times < most; times++) {
      await this.press(key);
      if (await this.page.evaluate((selector) => document.activeElement!.matches(selector), selector)) return;
    }
    throw new Error(`${key} does not lead to ${selector}:\n${this.lines.join('\n')}`);
  }

  async type(text: string) {
    await this.page.keyboard.type(text);
    this.lines.push(`types: ${await this.focus()}`);
  }

  /** Presses it on a button or link, and arrives. */
  async enter() {
    const before = this.page.url();
    await this.page.keyboard.press('Enter');
    await expect(this.page).not.toHaveURL(before);
    this.lines.push('Enter');
    await this.arrive();
  }
}

test('a whole return with the keyboard alone', async ({ page, context, baseURL }, info) => {
  test.skip(info.project.name !== 'desktop', 'one transcript');
  test.setTimeout(300_000);
  await context.addCookies([{ name: 'lang', value: 'en', url: baseURL! }]);
  const bought = await buy({ tier: 'diamond' });
  await page.goto('/');
  const hands = await Hands.on(page);
  await hands.arrive();
  await hands.to('[name=number]');
  await hands.type(bought.number);
  await hands.to('[name=contact]');
  await hands.type(bought.email);
  await hands.enter();
  await hands.to('.tile input[type=checkbox]');
  await hands.press('Space');
  await hands.to('.foot button');
  await hands.enter();
  await hands.to('input[type=radio][name^="reason|"]');
  await hands.to('[value=dislike]', 'ArrowDown');
  await hands.to('input[name^="condition|"]');
  await hands.to('[value=opened]', 'ArrowDown');
  await hands.to('.foot button');
  await hands.enter();
  await hands.to('.wishes input[type=radio]');
  await hands.press('Space');
  await expect(page.locator('.preview .verdict')).toBeVisible();
  await hands.to('.foot button');
  await hands.enter();
  await hands.to('input[type=radio]');
  await hands.to('[value=self_ship]', 'ArrowDown');
  await hands.to('.foot button');
  await hands.enter();
  await hands.to('summary');
  await hands.press('Space');
  await hands.to('.foot button');
  await hands.enter();
  await hands.to('.acts a.btn[href^="/returns/"]:not([href*=label])');
  await hands.enter();
  await expect(page).toHaveURL(/\/returns\/R-[^/]+$/);
  same('keyboard.txt', `${hands.lines.join('\n').trim()}\n`, bought);
});
