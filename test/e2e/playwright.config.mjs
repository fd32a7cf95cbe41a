export default {
  testDir: ".",
  testIgnore: process.env.LONG ? [] : ["hostile.spec.mjs"], // minutes of typing: of the long checks
  workers: 1,
  timeout: 60000,
  reporter: [["line"]],
  outputDir: "../../test-results",
  use: {
    baseURL: process.env.BASE,
    launchOptions: {
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync"],
    },
  },
};
