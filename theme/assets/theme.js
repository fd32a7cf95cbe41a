// A switch between light and dark, only where a script runs. The reader's choice is kept in this browser alone.
(function () {
  var root = document.documentElement, body = document.body, key = "broadsheet-theme", top = document.querySelector(".top");
  if (!top) return;
  function dark() {
    var chosen = root.dataset.theme;
    return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  }
  function label() { button.textContent = dark() ? body.dataset.light : body.dataset.dark; }
  try { var kept = localStorage.getItem(key); if (kept === "dark" || kept === "light") root.dataset.theme = kept; } catch (e) {}
  var button = document.createElement("button");
  button.type = "button";
  button.className = "switch";
  button.addEventListener("click", function () {
    root.dataset.theme = dark() ? "light" : "dark";
    try { localStorage.setItem(key, root.dataset.theme); } catch (e) {}
    label();
  });
  label();
  top.append(button);
})();
