// Shows /openapi/v1.json with Scalar, and its list of errors where the address ends in #errors or in the code of one: that is where
// every problem's `type` points. Scalar names its own places otherwise, so the list is a view beside it and not a part of it.
'use strict';

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  // Text is only ever set as text, so nothing in the description can become markup.
  element.append(...children);
  return element;
};

const wanted = () => decodeURIComponent(location.hash.slice(1));

function showErrors(errors) {
  const row = error => make('tr', { id: error.code },
    make('th', { scope: 'row' }, make('a', { href: `#${error.code}` }, error.code)),
    make('td', {}, String(error.status)),
    make('td', {}, `${error.title} ${error.action}`));
  document.body.append(make('main', { class: 'errors' },
    make('p', {}, make('a', { href: '/docs' }, 'The API')),
    make('h1', {}, 'Errors'),
    make('p', {}, 'Every code an answer can have, and what to do about it.'),
    make('table', {}, make('tbody', {}, ...errors.map(row)))));
  const here = () => {
    for (const shown of document.querySelectorAll('tr')) shown.classList.toggle('here', shown.id === wanted());
    document.getElementById(wanted())?.scrollIntoView({ block: 'center' });
  };
  addEventListener('hashchange', here);
  here();
}

function showApi(api) {
  const scalar = make('script', { src: '/docs/scalar.js' });
  // What leads to its makers' services is off; the page's policy lets nothing be asked of another server in any case.
  scalar.addEventListener('load', () => Scalar.createApiReference('#api', {
    content: api,
    withDefaultFonts: false,
    telemetry: false,
    showDeveloperTools: 'never',
    hideClientButton: true,
    agent: { disabled: true },
    mcp: { disabled: true },
  }));
  document.body.append(make('div', { id: 'api' }));
  document.head.append(scalar);
}

document.addEventListener('DOMContentLoaded', async () => {
  try {
    const api = await (await fetch('/openapi/v1.json')).json();
    const errors = api['x-errors'];
    const isError = () => wanted() === 'errors' || errors.some(error => error.code === wanted());
    const first = isError();
    addEventListener('hashchange', () => isError() !== first && location.reload());
    if (first) showErrors(errors); else showApi(api);
  } catch (error) {
    document.body.append(make('p', {}, `The API description could not be read: ${error.message}`));
  }
});
