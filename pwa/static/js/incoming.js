// What another app or site hands over is offered on the page to write on.
if (location.pathname === "/compose" && /[?&](shared|text)=/.test(location.search)) later("shared").then(({ offer }) => offer({ fromTemplate, recall, remember, me, attachTo, changed }), () => {});
