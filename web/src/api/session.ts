// Who is signed in and what they may do.

import { useSuspenseQuery } from '@tanstack/react-query'
import type { Session } from '#console/api/session.ts'
import type { Role } from '#console/api/words.ts'
import { sessionQuery } from './queries.ts'

const RANK: Record<Role, number> = { viewer: 0, operator: 1, administrator: 2 }

/** Inside the frame `account` is there: pages for people who are not signed in lie outside. */
export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data
}

/** `useMay('operator')`: true when the account has that role or a higher one. What it may not do is not shown. */
export function useMay(role: Role): boolean {
  const { account } = useSession()
  return account !== undefined && RANK[account.role] >= RANK[role]
}
