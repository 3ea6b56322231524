// Translated words of the app, written into the page by pwa/_words.html; `#` stands for a number.
export const appWords = document.getElementById("app-words")?.dataset ?? {};
