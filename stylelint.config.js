// Style: as stylelint-config-standard has it, except for what is said here.
export default {
  extends: "stylelint-config-standard",
  rules: {
    // A component's states stand beside the part that they change, which is often before a simpler selector.
    "no-descending-specificity": null,
    // Safari still wants some.
    "property-no-vendor-prefix": null,
    "value-no-vendor-prefix": null,
    // Fonts are named as they are called.
    "value-keyword-case": ["lower", { ignoreProperties: ["--sans", "--display"] }],
  },
};
