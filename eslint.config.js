// Scripts of pages, of the service worker, and their tests.
import js from "@eslint/js";
import globals from "globals";

const PAGES = ["web/static/js/**/*.js", "pwa/static/**/*.js"];
// Pages and the service worker import these.
const SHARED = ["pwa/static/js/{store,sending,subscription}.js"];
const LAYERS = "web/static imports nothing from pwa: it would not work without the app around it.";

const common = (one, other) => Object.fromEntries(Object.entries(one).filter(([name]) => name in other));

export default [
  { ignores: ["node_modules/", ".venv/", "var/", "build/", "dist/", "**/vendor/"] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "array-callback-return": "error",
      eqeqeq: "error",
      "no-implicit-globals": "error",
      "no-unused-vars": ["error", { caughtErrors: "none" }],
      "no-use-before-define": ["error", { functions: false, variables: false }],
      "no-var": "error",
      "prefer-const": "error",
    },
  },
  { files: PAGES, ignores: SHARED, languageOptions: { globals: globals.browser } },
  { files: SHARED, languageOptions: { globals: common(globals.browser, globals.serviceworker) } },
  {
    files: ["web/static/**/*.js"],
    rules: {
      "no-restricted-imports": ["error", { patterns: [{ group: ["**/pwa/**"], message: LAYERS }] }],
      "no-restricted-syntax": ["error", { selector: "ImportExpression > Literal[value=/pwa/]", message: LAYERS }],
    },
  },
  {
    files: ["pwa/worker/*.js"],
    languageOptions: { globals: { ...globals.serviceworker, VERSION: "readonly", SHELL: "readonly", FONTS: "readonly", ELSEWHERE: "readonly" } },
  },
  { files: ["tests/js/**", "*.config.js"], languageOptions: { globals: globals.node } },
];
