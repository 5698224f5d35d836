// The browser's files, as the build has compressed them: assets with their hash in the name are kept for ever, everything else is asked for again.
// Addresses of screens (`/jobs/01JD...`) all give the one page, with a fresh nonce for the style sheets its code makes.

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { TroupeError } from '#base/errors.ts'
import type { PageFiles } from './api/page-files.ts'
import { SESSION_COOKIE } from './auth/authenticate.ts'
import { withPageHead } from './page-head.ts'
import { pagePolicy } from './security-headers.ts'

/** In index.html, wherever the nonce is to stand. */
const PLACEHOLDER = '__CSP_NONCE__'
const PAGE_MISSING =
  '<!doctype html><html lang="en"><title>Troupe</title><p>The pages of the console are not built: run <code>npm run build</code>.</p></html>\n'
const YEAR_SECONDS = 31_536_000

export async function registerWebFiles(app: FastifyInstance, directory: string | undefined): Promise<void> {
  if (directory !== undefined && existsSync(directory)) {
    await app.register(fastifyStatic, {
      root: directory,
      prefix: '/',
      index: false,
      redirect: false,
      dotfiles: 'ignore',
      decorateReply: false,
      cacheControl: false,
      preCompressed: true,
      globIgnore: ['**/index.html'],
      setHeaders: (reply, path) => {
        const kept = path.startsWith(join(directory, 'assets'))
        reply.header('cache-control', kept ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache')
      },
    })
    for (const url of ['/', '/index.html']) {
      app.route({ method: ['GET', 'HEAD'], url, handler: (request, reply) => sendPage(request, reply, directory) })
    }
  }
  app.setNotFoundHandler(async (request, reply) => {
    const [path = ''] = request.url.split('?')
    if (isScreen(request.method, path)) return sendPage(request, reply, directory)
    throw new TroupeError('CONSOLE_NOT_FOUND', `cannot find ${request.method} ${path.slice(0, 200)}`)
  })
}

/** Not of the API, not of a file: `/nodes/web1.example.com` has a dot and is a screen. */
function isScreen(method: string, path: string): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  return (
    !/^\/(api|assets)(\/|$)/.test(path) && !/\.(js|mjs|css|map|png|svg|ico|json|txt|woff2?|webmanifest)$/.test(path)
  )
}

async function sendPage(
  request: FastifyRequest,
  reply: FastifyReply,
  directory: string | undefined,
): Promise<FastifyReply> {
  const nonce = randomBytes(16).toString('base64')
  const signedIn = request.cookies[SESSION_COOKIE] !== undefined
  const [path = ''] = request.url.split('?')
  return reply
    .header('content-security-policy', pagePolicy(nonce))
    .header('cache-control', 'no-store')
    .type('text/html; charset=utf-8')
    .send((await pageFor(directory, path, signedIn)).replaceAll(PLACEHOLDER, nonce))
}

/** Read anew every time: a build may have put another in its place. */
async function pageFor(directory: string | undefined, path: string, signedIn: boolean): Promise<string> {
  if (directory === undefined) return PAGE_MISSING
  const [text, pages] = await Promise.all([
    readFile(join(directory, 'index.html'), 'utf8').catch(() => PAGE_MISSING),
    readFile(join(directory, 'pages.json'), 'utf8').catch(() => '[]'),
  ])
  return withPageHead(text, JSON.parse(pages) as PageFiles[], path, signedIn)
}
