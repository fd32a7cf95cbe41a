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

  // What the form holds goes to the server, with a picture perhaps. progress hears how much of it is there, from 0 to 1.
  function post(body, progress) {
    return new Promise(function (done, fail) {
      var x = new XMLHttpRequest();
      x.open("POST", form.getAttribute("action"));
      x.setRequestHeader("X-Requested-With", "fetch");
      if (progress) x.upload.onprogress = function (e) { if (e.lengthComputable) progress(e.loaded / e.total); };
      x.onload = function () { done({ ok: x.status >= 200 && x.status < 300, url: x.responseURL, page: new DOMParser().parseFromString(x.responseText, "text/html") }); };
      x.onerror = x.onabort = fail;
      x.send(body);
    });
  }
  // The page that came back, if it says that all is kept: the form goes on from there. Else null: choices to make, words to mend, a
  // session that has ended. The button shows what it is; the words stay here meanwhile.
  function goOn(r, sent) {
    var fresh = r.page.querySelector("form[data-editor]");
    if (!r.ok || !fresh || r.url.indexOf(new URL(form.getAttribute("action"), location.href).href) !== 0) return null;
    if (r.url.indexOf("done=merged") > 0) { kept = values(); leaving = true; forget(); location.replace(r.url); return fresh; }
    form.elements.parent.value = fresh.elements.parent.value;
    form.elements.base.value = fresh.elements.base.value;
    form.elements.token.value = fresh.elements.token.value;
    ["[data-saved]", "[data-count]"].forEach(function (s) { var a = form.querySelector(s), b = fresh.querySelector(s); if (a && b) a.textContent = b.textContent; });
    kept = sent;
    return fresh;
  }

  function soon(ms) { clearTimeout(timer); timer = setTimeout(send, ms); }
  function send() {
    if (waiting.length) return upload();
    if (busy || leaving || !changed()) return;
    var sent = values(), body = new URLSearchParams();
    new FormData(form).forEach(function (v, name) { if (typeof v === "string") body.append(name, v); });
    body.set("do", "save");
    busy = true;
    post(body).then(function (r) {
      busy = false;
      if (goOn(r, sent) && !leaving) { if (changed()) soon(PAUSE); else forget(); }
      if (waiting.length) upload();
    }).catch(function () { busy = false; soon(AGAIN); });
  }

  // Pictures that were dropped into the text, one after the other: the form is saved with each. The editor says where it is to stand
  // when it is sent, and hears what became of it: the fresh form, or null with what is wrong in words.
  var waiting = [];
  form.addEventListener("picture", function (e) { waiting.push(e.detail); upload(); });
  function upload() {
    if (busy || leaving || !waiting.length) return;
    var one = waiting.shift(), body = new FormData(form), sent = values();
    ["new-caption", "new-alt"].forEach(function (name) { body.delete(name); });
    body.set("new-picture", one.file);
    body.set("new-place", one.place());
    body.set("do", "save");
    busy = true;
    post(body, one.progress).then(function (r) {
      busy = false;
      var fresh = goOn(r, sent), error = r.page.querySelector("main .error");
      if (!leaving) one.done(fresh, error ? error.textContent : "");
      if (waiting.length) upload(); else if (changed()) soon(PAUSE);
    }).catch(function () { busy = false; one.done(null, one.unreached); if (waiting.length) upload(); else soon(AGAIN); });
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
