// Makes the editor's form better, only where a script runs: every pause saves, what can't be sent is kept in this browser until the
// server has it, and leaving with unsaved words asks first. Without this the same form saves by its button.
(function () {
  var form = document.querySelector("form[data-editor]");
  if (!form || !window.fetch || !form.elements.parent) return;
  var key = "broadsheet-draft:" + form.getAttribute("action"), shown = form.querySelector("[data-saved]"), save = form.querySelector('button[value="save"]');
  if (!save) return;
  // what is no part of the story, but of a button
  var OTHERS = ["token", "parent", "base", "note", "at", "hold-reason", "lift-reason", "lift-until", "told-last"];
  var PAUSE = 1500, AGAIN = 5000, kept = values(), timer = null, busy = false, leaving = false;

  function values() {
    var list = [];
    new FormData(form).forEach(function (v, name) { if (typeof v === "string" && OTHERS.indexOf(name) < 0) list.push([name, v]); });
    return JSON.stringify(list);
  }
  function changed() { return values() !== kept; }
  function locally() { try { localStorage.setItem(key, JSON.stringify({ parent: form.elements.parent.value, base: form.elements.base.value, values: values() })); } catch (e) {} }
  function forget() { try { localStorage.removeItem(key); } catch (e) {} }

  function soon(ms) { clearTimeout(timer); timer = setTimeout(send, ms); }
  function send() {
    if (busy || leaving || !changed()) return;
    var sent = values(), body = new URLSearchParams();
    new FormData(form).forEach(function (v, name) { if (typeof v === "string") body.append(name, v); });
    body.set("do", "save");
    busy = true;
    fetch(form.action, { method: "POST", body: body, headers: { "X-Requested-With": "fetch" }, credentials: "same-origin" }).then(function (r) {
      return r.text().then(function (text) {
        busy = false;
        // choices to make, words to mend, a session that has ended: the button shows what it is; the words stay here meanwhile
        if (!r.ok || r.url.indexOf(form.action) !== 0) return;
        var page = new DOMParser().parseFromString(text, "text/html"), fresh = page.querySelector("form[data-editor]");
        if (!fresh) return;
        var merged = r.url.indexOf("done=merged") > 0;
        if (merged) { kept = values(); leaving = true; forget(); location.replace(r.url); return; }
        form.elements.parent.value = fresh.elements.parent.value;
        form.elements.base.value = fresh.elements.base.value;
        form.elements.token.value = fresh.elements.token.value;
        ["[data-saved]", "[data-count]"].forEach(function (s) { var a = form.querySelector(s), b = fresh.querySelector(s); if (a && b) a.textContent = b.textContent; });
        kept = sent;
        if (changed()) soon(PAUSE); else forget();
      });
    }).catch(function () { busy = false; soon(AGAIN); });
  }

  // who else is here, every half minute while the page is looked at
  var here = form.querySelector("[data-here]");
  setInterval(function () {
    if (document.hidden || !here) return;
    fetch(form.getAttribute("action") + "/here", { credentials: "same-origin", redirect: "error" }).then(function (r) { return r.ok ? r.text() : null; }).then(function (text) {
      if (text !== null && here.textContent !== text.trim()) here.textContent = text.trim();
    }).catch(function () {});
  }, 30000);

  form.addEventListener("input", function () { locally(); soon(PAUSE); });
  // what is sent is kept first: should it come back with words to mend, nothing older than it is taken for newer
  form.addEventListener("submit", function () { if (changed()) locally(); leaving = true; clearTimeout(timer); });
  window.addEventListener("beforeunload", function (e) { if (!leaving && changed()) e.preventDefault(); });
  window.addEventListener("online", function () { soon(0); });
  document.addEventListener("visibilitychange", function () { if (document.hidden) { if (changed()) locally(); send(); } });

  // words that this browser kept because the server never had them: they come back into the form, made from what they were made from
  try {
    var left = JSON.parse(localStorage.getItem(key) || "null");
    // what a button of this form has just done the server has
    if (left && left.values !== kept && !/[?&]done=/.test(location.search)) {
      var fields = {};
      JSON.parse(left.values).forEach(function (pair) { var field = form.elements[pair[0]]; fields[pair[0]] = pair[1]; if (field && "value" in field) field.value = pair[1]; });
      form.dispatchEvent(new CustomEvent("restored", { detail: fields })); // for the editor of the text
      form.elements.parent.value = left.parent;
      form.elements.base.value = left.base;
      soon(0);
    } else forget();
  } catch (e) {}
})();
