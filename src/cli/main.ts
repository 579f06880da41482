/** The courant command. */
import module from 'node:module';
import { fileURLToPath } from 'node:url';

// The same cache as `npm start`: half a second of each command.
module.enableCompileCache(fileURLToPath(new URL('../../node_modules/.cache/courant', import.meta.url)));
const { runCli } = await import('./run-cli.ts');
const { systemTerminal } = await import('./terminal.ts');

// `courant newsletter list | head -1`: whoever reads has seen enough.
process.stdout.on('error', () => process.exit(0));

process.exit(await runCli(process.argv.slice(2), { environment: process.env, terminal: systemTerminal() }));
