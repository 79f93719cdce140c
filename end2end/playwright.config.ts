import { defineConfig } from '@playwright/test';
import { port } from './tests/shop';

/** Debian's Chromium; nothing is downloaded. */
const chromium = process.env.CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: './tests',
  outputDir: './results',
  fullyParallel: true,
  workers: 2,
  // A browser on a busy machine may stall once; what needed it is named at the end.
  retries: 1,
  timeout: 60_000,
  reporter: [['list'], ['json', { outputFile: './results/report.json' }]],
  globalSetup: './tests/start.ts',
  use: {
    baseURL: `http://127.0.0.1:${port}`,
    launchOptions: {
      executablePath: chromium,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
    trace: 'off',
  },
  projects: [
    { name: 'phone', use: { viewport: { width: 390, height: 844 }, locale: 'zh-CN', timezoneId: 'Asia/Shanghai' } },
    { name: 'desktop', use: { viewport: { width: 1280, height: 900 }, locale: 'en-GB', timezoneId: 'Europe/Berlin' } },
    { name: 'phone without JavaScript', use: { viewport: { width: 390, height: 844 }, locale: 'zh-CN', javaScriptEnabled: false } },
    { name: 'desktop without JavaScript', use: { viewport: { width: 1280, height: 900 }, locale: 'en-GB', javaScriptEnabled: false } },
  ],
});
