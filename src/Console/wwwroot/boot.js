// Before the first paint: the theme and the density that were chosen here.
(() => {
  const root = document.documentElement;
  const chosen = name => { try { return localStorage.getItem(name); } catch { return null; } };
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const apply = () => {
    const theme = chosen('theme');
    root.dataset.theme = theme === 'light' || theme === 'dark' ? theme : dark.matches ? 'dark' : 'light';
    root.dataset.density = chosen('density') === 'comfortable' ? 'comfortable' : 'compact';
  };
  apply();
  dark.addEventListener('change', apply);
  addEventListener('display-changed', apply);

  // Components write style attributes. The page's policy allows none, and rightly: markup that somebody smuggled in would have
  // them too. What a script sets through the style object is allowed, so that is the way the renderer's go.
  const set = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === 'style' && this.style) this.style.cssText = value;
    else set.call(this, name, value);
  };
})();
