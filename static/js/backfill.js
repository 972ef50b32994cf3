/* A file goes up in pieces, each at its offset: what broke off goes on where it stopped. */
(() => {
  const form = document.querySelector("form[data-pieces]");
  if (!form || !window.fetch) return;
  const most = Number(form.dataset.most), place = form.querySelector("[data-progress]");
  const bar = place.querySelector("progress"), words = place.querySelector("[role=status]");
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const tell = (text) => { place.hidden = false; words.textContent = text; };
  const hex = (bytes) => [...new Uint8Array(bytes)].map((one) => one.toString(16).padStart(2, "0")).join("");
  const send = (url, body, headers) =>
    fetch(url, { method: "POST", body, headers: { "X-CSRFToken": form.elements.csrfmiddlewaretoken.value, ...headers } });

  const digest = async (file) =>
    file.size < 268435456 && crypto.subtle ? hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer())) : "";

  const begin = async (file) => {
    const asked = new FormData(form);
    asked.delete("file");
    asked.set("file_name", file.name);
    asked.set("size", file.size);
    asked.set("sha256", await digest(file));
    const answer = await send(form.dataset.pieces, asked);
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.detail);
    return told;
  };

  const upload = async (file) => {
    const { piece, page, received } = await begin(file);
    let at = received, tries = 0;
    while (at < file.size) {
      bar.value = (100 * at) / file.size;
      tell(`${Math.floor(bar.value)} % uploaded`);
      const headers = { "Upload-Offset": String(at), "Content-Type": "application/octet-stream" };
      const answer = await send(piece, file.slice(at, at + most), headers).catch(() => null);
      const told = answer && answer.status < 500 ? await answer.json() : null;
      if (told && told.received !== undefined) { at = told.received; tries = 0; continue; }
      if (told) throw new Error(told.detail);
      if (++tries > 20) throw new Error("The connection is gone. Choose the same file again and the rest of it follows.");
      tell("The connection broke off; trying again.");
      await pause(Math.min(1000 * 2 ** tries, 15000));
    }
    location.assign(page);
  };

  form.addEventListener("submit", (event) => {
    const file = form.elements.file.files[0], go = form.querySelector("button.go");
    if (!file || !file.size) return;
    event.preventDefault();
    go.disabled = true;
    tell("Reading the file");
    upload(file).catch((error) => { tell(error.message); go.disabled = false; });
  });
})();
