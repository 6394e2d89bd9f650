// Mints with the published client and prints what its caller sees: the credentials, or the error.
import { Odyssey, credentialsToDict } from '@odysseyml/odyssey';

try {
  const client = new Odyssey({ apiKey: process.argv[2] });
  const credentials = await client.createClientCredentials();
  console.log(JSON.stringify({ credentials: credentialsToDict(credentials) }));
} catch (error) {
  console.log(JSON.stringify({ error: { name: error.name, message: error.message, code: error.code, details: error.details } }));
}
