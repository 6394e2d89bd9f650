// Shows /openapi/v1.json. Text is only ever set as text, so nothing in the description can become markup.
'use strict';

const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
};

// The little of Markdown that the descriptions use: `code` in a line, paragraphs, lists.
const line = text => text.split(/(`[^`]+`)/).filter(Boolean).map(part =>
  part.startsWith('`') ? make('code', {}, part.slice(1, -1)) : document.createTextNode(part));
const blocks = text => (text ?? '').split(/\n{2,}/).filter(Boolean).map(block => make('p', {}, ...line(block.replaceAll('\n', ' '))));

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const anchor = (method, path) => `${method}-${path.replaceAll(/[^A-Za-z0-9_.-]+/g, '-').replace(/^-|-$/g, '')}`;

function show(api) {
  const resolve = schema => schema?.$ref ? { ...api.components.schemas[schema.$ref.split('/').at(-1)], ...schema } : schema ?? {};

  const typeOf = schema => {
    const type = resolve(schema);
    if (type.enum) return type.enum.map(value => JSON.stringify(value)).join(' | ');
    const name = [type.type ?? 'any'].flat().join(' | ');
    if (name === 'array') return `${typeOf(type.items)}[]`;
    if (name === 'object' && type.additionalProperties) return `{ name: ${typeOf(type.additionalProperties)} }`;
    return type.format === 'date-time' ? 'time' : name;
  };

  const row = (name, mark, schema, about, depth) => make('tr', {},
    make('td', {}, '\u00a0'.repeat(depth * 3), name, mark ? make('span', { class: mark }, mark) : null),
    make('td', {}, make('span', { class: 'type' }, typeOf(schema)), ...line((about ?? '').replaceAll('\n', ' '))));

  // A body says what it must have, an answer what it may lack.
  const wanted = required => required ? 'required' : null;
  const certain = required => required ? null : 'optional';

  const members = (schema, mark, depth = 0, seen = []) => {
    const type = resolve(schema);
    const of = type.type === 'array' ? resolve(type.items) : type;
    if (!of.properties || seen.includes(of.properties)) return [];
    return Object.entries(of.properties).flatMap(([name, member]) => [
      row(name, mark(of.required?.includes(name)), member, resolve(member).description, depth),
      ...members(member, mark, depth + 1, [...seen, of.properties]),
    ]);
  };

  const table = rows => make('table', {}, make('tbody', {}, ...rows));
  const section = (title, rows) => rows.length ? [make('h4', {}, title), table(rows)] : [];

  const example = (schema, name = '') => {
    const type = resolve(schema);
    if (type.enum) return type.enum[0];
    const kind = [type.type].flat()[0];
    if (kind === 'array') return [example(type.items, name)];
    if (kind === 'integer') return 1;
    if (kind === 'number') return 1;
    if (kind === 'boolean') return true;
    if (kind !== 'object') return name.endsWith('url') ? 'https://…' : '…';
    if (!type.properties) return { eu: example(type.additionalProperties) };
    const shown = type.required?.length ? type.required : Object.keys(type.properties);
    return Object.fromEntries(shown.map(member => [member, example(type.properties[member], member)]));
  };

  const curl = (method, path, operation, body) => [
    `curl ${method === 'get' ? '' : `-X ${method.toUpperCase()} `}${location.origin}${path}`,
    operation.security?.length ? `  -H "Authorization: Bearer $KEY"` : null,
    body ? `  --json '${JSON.stringify(example(body))}'` : null,
  ].filter(Boolean).join(' \\\n');

  const answers = operation => Object.entries(operation.responses).map(([status, answer]) => {
    const codes = answer.description.startsWith('- ') ? answer.description.split('\n') : null;
    return make('tr', {},
      make('td', { class: status < 400 ? 'ok' : 'refused' }, status),
      make('td', {}, codes
        ? make('ul', {}, ...codes.map(code => {
            const [, name, title] = code.match(/^- `([^`]+)`: (.*)$/);
            return make('li', {}, make('a', { href: `#${name}` }, make('code', {}, name)), ' ', title);
          }))
        : answer.description));
  });

  const operationCard = (method, path, operation) => {
    const id = anchor(method, path);
    const body = operation.requestBody?.content['application/json']?.schema;
    const good = Object.values(operation.responses).map(answer => answer.content?.['application/json']?.schema).find(Boolean);
    return make('article', { id },
      make('h3', {}, make('span', { class: `method ${method}` }, method), make('a', { href: `#${id}` }, path)),
      make('p', { class: 'summary' }, ...line(operation.summary ?? '')),
      ...blocks(operation.description),
      ...section('Parameters', (operation.parameters ?? []).map(parameter =>
        row(parameter.name, wanted(parameter.required), parameter.schema, `${parameter.description ?? ''} (${parameter.in})`, 0))),
      ...section('Body', members(body, wanted)),
      ...section('Answer', members(good, certain)),
      make('details', {}, make('summary', {}, 'Statuses and errors'), table(answers(operation))),
      make('pre', {}, curl(method, path, operation, body)));
  };

  const all = Object.entries(api.paths).flatMap(([path, item]) =>
    methods.filter(method => item[method]).map(method => ({ method, path, operation: item[method] })));
  const main = document.querySelector('main');
  const routes = document.querySelector('#routes');
  main.append(make('h1', {}, `${api.info.title} API`), ...blocks(api.info.description));
  for (const tag of api.tags) {
    const under = all.filter(route => route.operation.tags.includes(tag.name));
    if (!under.length) continue;
    routes.append(make('h2', {}, tag.name), ...under.map(({ method, path }) =>
      make('a', { class: 'route', href: `#${anchor(method, path)}`, title: path },
        make('span', { class: `method ${method}` }, method), make('span', { class: 'path' }, make('bdi', {}, path)))));
    main.append(make('h2', {}, tag.name), make('p', { class: 'about' }, tag.description ?? ''),
      ...under.map(({ method, path, operation }) => operationCard(method, path, operation)));
  }

  main.append(make('h2', { id: 'errors' }, 'Errors'),
    make('p', { class: 'about' }, 'Every code an answer can have, and what to do about it.'),
    make('article', {}, table(api['x-errors'].map(error => make('tr', { id: error.code },
      make('td', {}, error.code),
      make('td', {}, make('span', { class: 'type' }, `${error.status}`), `${error.title} ${error.action}`))))));
  routes.append(make('h2', {}, 'Errors'), make('a', { class: 'route', href: '#errors' }, 'All error codes'));
}

document.addEventListener('DOMContentLoaded', async () => {
  const main = document.querySelector('main');
  try {
    const answer = await fetch('/openapi/v1.json');
    show(await answer.json());
  } catch (error) {
    main.append(make('p', {}, `The API description could not be read: ${error.message}`));
    return;
  }

  document.querySelector('#search').addEventListener('input', event => {
    const wanted = event.target.value.toLowerCase();
    for (const route of document.querySelectorAll('nav .route'))
      route.hidden = !route.textContent.toLowerCase().includes(wanted);
  });
  const here = () => {
    for (const route of document.querySelectorAll('nav .route'))
      route.classList.toggle('here', route.getAttribute('href') === location.hash);
    if (location.hash) document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  };
  addEventListener('hashchange', here);
  here();
});
