// The secret of a QR code stands behind '#', which no browser sends: it is taken out of the
// address, and posted.
(async () => {
  const secret = location.hash.slice(1).split(".")[0];
  if (!secret) return;
  const next = new URLSearchParams(location.search).get("next") || "/";
  history.replaceState(null, "", "/pair");
  const answer = await fetch("/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ code: secret }),
  });
  const told = document.getElementById("told");
  if (answer.ok) location.replace(/^\/(\?[!-~]*)?$/.test(next) ? next : "/");
  else told.textContent = answer.status === 429 ? told.dataset.wait : told.dataset.wrong;
})();
