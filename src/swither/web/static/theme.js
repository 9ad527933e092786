// The person's choice of dark or light, set before anything is drawn. A classic script, so that it runs at once.
(() => {
  const order = ["system", "light", "dark"];
  const stored = () => {
    try { return localStorage.getItem("swither.theme") || "system"; } catch { return "system"; }
  };
  const apply = (theme) => {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  };
  apply(stored());
  globalThis.switherTheme = {
    current: stored,
    next() {
      const theme = order[(order.indexOf(stored()) + 1) % order.length];
      try { localStorage.setItem("swither.theme", theme); } catch { /* then it holds for this page only */ }
      apply(theme);
      return theme;
    },
  };
})();
