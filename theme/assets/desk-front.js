// Places of a front change by dragging, and by arrow keys on the same handle. All that moves is the number fields, by which the form
// says the order without a script too.
(function () {
  var form = document.querySelector("form.front");
  if (!form) return;
  var slots = [].slice.call(form.querySelectorAll(".slot")), names = slots.map(function (s) { return s.querySelector("legend").textContent; });

  function handle(slot) { return slot.querySelector("[data-handle]"); }
  function inOrder() { return [].slice.call(form.querySelectorAll(".slot")); }
  function renumber() {
    inOrder().forEach(function (s, i, all) {
      if (handle(s)) {
        s.querySelector("[data-up]").disabled = i === 0;
        s.querySelector("[data-down]").disabled = !all[i + 1] || !handle(all[i + 1]);
      }
      s.querySelector("legend").textContent = names[i];
      s.querySelector("input[type=number]").value = i + 1;
    });
    form.querySelector("[data-unsaved]").hidden = false;
  }
  // The neighbour goes round the slot: one that is taken out of the page loses its pointer and its focus.
  function up(slot) {
    var other = slot.previousElementSibling;
    if (!other || !other.matches(".slot")) return false;
    slot.after(other);
    return true;
  }
  function down(slot) {
    var other = slot.nextElementSibling;
    if (!other || !other.matches(".slot") || !handle(other)) return false;
    slot.before(other);
    return true;
  }
  function middle(slot) { var r = slot.getBoundingClientRect(); return r.top + r.height / 2; }

  // A rule finds its story by itself: what names one is neither shown nor sent.
  slots.forEach(function (slot) {
    var rule = slot.querySelector("[data-rule]"), named = slot.querySelectorAll("label:not(.number):not(.rule)");
    function choose() {
      [].forEach.call(named, function (label) {
        label.hidden = rule.value !== "";
        label.querySelector("input").disabled = rule.value !== "";
      });
    }
    rule.addEventListener("change", function () { choose(); form.querySelector("[data-unsaved]").hidden = false; });
    choose();
  });

  slots.forEach(function (slot) {
    var h = handle(slot), held = false;
    if (!h) return;
    h.hidden = false;
    h.addEventListener("keydown", function (e) {
      var moved = e.key === "ArrowUp" ? up(slot) : e.key === "ArrowDown" ? down(slot) : null;
      if (moved === null) return;
      e.preventDefault();
      if (moved) renumber();
    });
    h.addEventListener("pointerdown", function (e) { held = true; h.setPointerCapture(e.pointerId); slot.classList.add("held"); });
    h.addEventListener("pointermove", function (e) {
      if (!held) return;
      var before = slot.previousElementSibling, after = slot.nextElementSibling;
      if (before && before.matches(".slot") && e.clientY < middle(before) && up(slot)) renumber();
      else if (after && after.matches(".slot") && e.clientY > middle(after) && down(slot)) renumber();
    });
    ["pointerup", "pointercancel", "lostpointercapture"].forEach(function (name) {
      h.addEventListener(name, function () { held = false; slot.classList.remove("held"); });
    });
  });
})();
