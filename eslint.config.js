// Of the page's scripts: what a checker of types does not see.
import js from "@eslint/js";
import globals from "globals";

export default [
  { files: ["crispd/webui/**/*.js"], ...js.configs.recommended },
  {
    files: ["crispd/webui/**/*.js"],
    languageOptions: { globals: { ...globals.browser, EDITION: "readonly" } },
    rules: {
      "no-var": "error",
      "prefer-const": "error",
      eqeqeq: "error",
      "no-shadow": "error",
      "no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "no-restricted-properties": ["error", { property: "innerHTML" }, { property: "outerHTML" }, { property: "insertAdjacentHTML" }],
    },
  },
];
