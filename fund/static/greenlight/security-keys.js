// A form with data-key asks the browser for a security key and sends what it answers. What may go wrong is said beside the
// button, in the words that the page brings along. allauth's webauthn-json.js turns bytes to text and back.
const names = { NotAllowedError: "cancelled", InvalidStateError: "known", SecurityError: "elsewhere" };

for (const form of document.querySelectorAll("form[data-key]")) {
  const button = form.querySelector("button[data-asks]");
  const said = form.querySelector("[role=alert]");
  const say = (what) => {
    said.textContent = form.dataset[what] || form.dataset.cancelled;
    said.hidden = false;
  };
  if (!window.PublicKeyCredential) {
    button.disabled = true;
    say("unable");
    continue;
  }
  button.addEventListener("click", async () => {
    said.hidden = true;
    button.disabled = true;
    try {
      const options = JSON.parse(form.dataset.options);
      const answer = await window.webauthnJSON[form.dataset.key](options);
      form.querySelector("input[name=credential]").value = JSON.stringify(answer);
      form.submit();
    } catch (error) {
      button.disabled = false;
      say(names[error.name]);
    }
  });
  // Enter in a box is the same as the button; sent without the key's answer, the form would only come back.
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    button.click();
  });
}
