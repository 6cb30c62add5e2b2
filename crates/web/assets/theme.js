// Sets light or dark before anything is painted: what was chosen here, else what the system prefers.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  };
  const paint = () => root.setAttribute("data-bs-theme", chosen() ?? (dark.matches ? "dark" : "light"));
  paint();
  dark.addEventListener("change", paint);
  addEventListener("storage", paint);
  root.classList.add("sp-script");
})();
