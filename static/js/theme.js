// Light or dark by the reader's choice, kept in this browser; without a choice, as the system has it.
(() => {
  const root = document.documentElement;
  const next = { system: "light", light: "dark", dark: "system" };
  let chosen = "system";
  try {
    chosen = localStorage.getItem("theme") ?? "system";
  } catch {
    // Storage is forbidden: the choice lasts for this page only.
  }

  const apply = () => {
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
    else delete root.dataset.theme;
  };
  apply();

  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-theme-switch]")) {
      const word = () => {
        button.textContent = `theme: ${chosen}`;
      };
      button.hidden = false;
      word();
      button.addEventListener("click", () => {
        chosen = next[chosen] ?? "system";
        try {
          localStorage.setItem("theme", chosen);
        } catch {
          // As above.
        }
        apply();
        word();
      });
    }
  });
})();
