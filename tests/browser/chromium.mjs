// Headless Chromium, and what it sends.
import { chromium } from "playwright-core";

// No proxy of the machine comes between the browser and the shop, and the browser contacts nobody else. By itself it
// would prefer https to http; here it does exactly what it is told.
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

// Long, because the machine may be busy.
const PATIENT_MS = 180_000;

const browsers = new Map();

async function browser(flags) {
  const key = flags.join(" ");
  if (!browsers.has(key)) browsers.set(key, chromium.launch({ executablePath: "/usr/bin/chromium", args: [...FLAGS, ...flags], timeout: PATIENT_MS }));
  return browsers.get(key);
}

/** Ends what open() started. */
export const closeBrowsers = async () => Promise.all([...browsers.values()].map(async (one) => (await one).close()));

/** A page of a new profile; `sent()` has its requests on the network: "POST /orders 303". */
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
    /** Clicks, and waits for the next page. */
    async go(selector, url) {
      await page.click(selector);
      await page.waitForURL(url);
    },
    /** The requests since the last call, without the icon that browsers ask for. */
    async sent() {
      const all = await steps();
      requests.length = 0;
      return all.filter((step) => !step.includes("/favicon.ico"));
    },
    shot: (name) => page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png` }),
  };
}
