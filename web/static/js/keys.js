// Keyboard: what a key does comes when one is pressed (pages/keys.js).
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || sheet.open) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const open = event.key === "Enter" && document.activeElement.matches(".post");
  if (!open && !/^[gjknhpour/?]$/.test(event.key)) return;
  event.preventDefault();
  later("keys").then(({ press }) => press(event.key, { openSheet, fromTemplate }));
});
