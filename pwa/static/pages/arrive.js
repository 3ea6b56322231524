// Somebody comes from the network's old address: the code behind the # signs them in.
const form = document.getElementById("arrive");
const code = location.hash.slice(1);
// Neither history nor a copied address keeps it.
history.replaceState(null, "", location.pathname + location.search);

// A link with a stranger's code would sign one in as that stranger: only from the old address it is taken unasked.
function fromOldAddress() {
  try {
    return new URL(document.referrer).origin === form.dataset.from;
  } catch { return false; }
}

if (form && code) {
  form.elements.code.value = code;
  form.hidden = false;
  if (fromOldAddress()) form.requestSubmit();
}
