import { createContext, useContext, useSyncExternalStore } from "react";

import type { StaffGroup } from "../graph/generated";
import type { Pool } from "./cognito";
import type { Session, SessionStore } from "./store";

/** What every page reaches. */
export interface Doors {
  readonly pool: Pool;
  readonly store: SessionStore;
}

export const DoorsContext = createContext<Doors | undefined>(undefined);

export function useDoors(): Doors {
  const doors = useContext(DoorsContext);
  if (!doors) throw new Error("used outside of the console");
  return doors;
}

export function useSession(): Session | undefined {
  const { store } = useDoors();
  return useSyncExternalStore(store.subscribe, store.get);
}

/** Who is logged in, as the bank knows them. */
export interface Staff {
  readonly id: string;
  readonly email: string;
  readonly groups: readonly StaffGroup[];
}

export const StaffContext = createContext<Staff | undefined>(undefined);

export function useStaff(): Staff {
  const staff = useContext(StaffContext);
  if (!staff) throw new Error("used before anybody was logged in");
  return staff;
}

/** Whether this person is in the group. The bank decides; the console only does not offer what would be refused. */
export function useIsIn(group: StaffGroup): boolean {
  return useStaff().groups.includes(group);
}
