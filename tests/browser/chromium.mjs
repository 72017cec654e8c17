// Headless Chromium, and what it sends.
import { chromium } from "playwright-core";

// No program of the machine's own stands between the browser and the shop, and the browser asks nobody else. It would rather ask for https than
// for http of its own accord; what it does here is what it was told.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
  "--no-proxy-server",
];

// A busy machine is no test of speed.
const PATIENT_MS = 180_000;

const browsers = new Map();

async function browser(flags) {
  const key = flags.join(" ");
  if (!browsers.has(key)) browsers.set(key, chromium.launch({ executablePath: "/usr/bin/chromium", args: [...FLAGS, ...flags], timeout: PATIENT_MS }));
  return browsers.get(key);
}

/** Ends what open() started. */
export const closeBrowsers = async () => Promise.all([...browsers.values()].map(async (one) => (await one).close()));

/** A page of a new profile; `sent()` is what it asked for, as the network saw it: "POST /orders 303". */
export async function open({ flags = [] } = {}) {
  const page = await (await browser(flags)).newPage({ viewport: { width: 800, height: 400 } });
  page.setDefaultTimeout(PATIENT_MS);
  const requests = [];
  page.on("request", (request) => requests.push(request));
  const steps = () =>
    Promise.all(
      requests.map(async (request) => {
        const { pathname, search } = new URL(request.url());
        return `${request.method()} ${pathname}${search} ${(await request.response())?.status()}`;
      }),
    );
  return {
    page,
    requests,
    /** Clicks, and waits for the page to which that leads. */
    async go(selector, url) {
      await page.click(selector);
      await page.waitForURL(url);
    },
    /** What was sent since the last call, without the icon that browsers ask for. */
    async sent() {
      const all = await steps();
      requests.length = 0;
      return all.filter((step) => !step.includes("/favicon.ico"));
    },
    shot: (name) => page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` }),
  };
}
