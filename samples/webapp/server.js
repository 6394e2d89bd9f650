// The trusted half: it holds the API key, and hands out credentials that are good for one session and a few minutes.
import express from 'express';
import { Odyssey, OdysseyUsageError, credentialsToDict } from '@odysseyml/odyssey';

const { API_KEY: apiKey, PORT: port = '3000' } = process.env;
process.env.API_URL ??= 'http://127.0.0.1:5080';
if (!apiKey) {
  console.error('API_KEY is missing: the key of an account of the session manager, with the scope sessions:write.');
  process.exit(2);
}

const sessions = new Odyssey({ apiKey });
const app = express();
app.disable('x-powered-by');
app.use((request, response, next) => {
  // The page talks to this server, and to the session manager that its credentials name; it loads nothing from anywhere else.
  response.set({
    'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self' ${sessionManager()}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Referrer-Policy': 'no-referrer',
  });
  next();
});
app.use(express.static('public'));
app.use('/odyssey', express.static('node_modules/@odysseyml/odyssey/dist'));

// Everyone who reaches this route costs you a session. In your app, your own login stands before it.
app.post('/api/credentials', async (request, response) => {
  if (request.get('sec-fetch-site') === 'cross-site')
    return response.status(403).json({ error: 'Only this app\'s own pages are given credentials.' });
  try {
    response.set('Cache-Control', 'no-store').json(credentialsToDict(await sessions.createClientCredentials()));
  } catch (error) {
    const [status, words] = explain(error);
    console.error(`No credentials: ${error.message}`);
    response.status(status).json({ error: words, code: error.code });
  }
});

app.listen(Number(port), '127.0.0.1', function () {
  console.log(`http://127.0.0.1:${this.address().port} streams from ${process.env.API_URL}`);
});

/** What a user is told. What is wrong with the key or the set-up is for the log, and is nobody else's business. */
function explain(error) {
  if (error instanceof OdysseyUsageError)
    return [429, {
      CONCURRENT_LIMIT_REACHED: 'Everyone who may stream at once already does. Try again when somebody has left.',
      MONTHLY_LIMIT_REACHED: 'This month\'s streaming hours are used up.',
      RATE_LIMITED: 'That was a little too fast. Try again in a moment.',
    }[error.code] ?? 'Streaming is not available for this app right now.'];
  if (/streamer/i.test(error.message))
    return [503, 'Every streamer is busy. Try again in a moment.'];
  return [502, 'The stream could not be prepared. Try again in a moment.'];
}

function sessionManager() {
  const { host } = new URL(process.env.API_URL);
  return `http://${host} https://${host} ws://${host} wss://${host}`;
}
