/** How one comes from a state to another. */
export type Way = "next" | "choice" | "default" | "catch";

export interface Step {
  readonly from: string;
  readonly to: string;
  readonly way: Way;
}

/** A state of a machine. Names are unique in a whole machine, branches included. */
export interface State {
  readonly name: string;
  readonly type: string;
  /** Of a Parallel or a Map: what runs inside. */
  readonly branches: readonly Machine[];
}

/** A machine, or a branch of one. */
export interface Machine {
  readonly startAt: string;
  readonly states: readonly State[];
  readonly steps: readonly Step[];
}

type Json = Readonly<Record<string, unknown>>;

const object = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const list = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(object) : []);
const text = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

/** Reads a definition in Amazon States Language; `undefined` if it is none. */
export function machineOf(definition: string): Machine | undefined {
  try {
    return read(object(JSON.parse(definition)));
  } catch {
    return undefined;
  }
}

function read(definition: Json): Machine | undefined {
  const startAt = text(definition.StartAt);
  const states = Object.entries(object(definition.States)).map(([name, of]) => [name, object(of)] as const);
  if (startAt === undefined || !states.some(([name]) => name === startAt)) return undefined;
  const known = new Set(states.map(([name]) => name));
  return {
    startAt,
    states: states.map(([name, of]) => ({ name, type: text(of.Type) ?? "Task", branches: branchesOf(of) })),
    steps: states.flatMap(([name, of]) => stepsOf(name, of)).filter((it) => known.has(it.to)),
  };
}

function branchesOf(state: Json): readonly Machine[] {
  const inner = [...list(state.Branches), ...[state.ItemProcessor, state.Iterator].filter(Boolean).map(object)];
  return inner.map(read).filter((it) => it !== undefined);
}

/** Two ways between the same states are one line; the plainer of the two is drawn. */
function stepsOf(from: string, state: Json): readonly Step[] {
  const ways: readonly (readonly [Way, unknown])[] = [
    ["next", state.Next],
    ...list(state.Choices).map((it) => ["choice", it.Next] as const),
    ["default", state.Default],
    ...list(state.Catch).map((it) => ["catch", it.Next] as const),
  ];
  const steps = new Map<string, Step>();
  for (const [way, next] of ways) {
    const to = text(next);
    // A state that begins anew after an error of its own is where it was: a line back to itself says nothing.
    if (to !== undefined && to !== from && !steps.has(to)) steps.set(to, { from, to, way });
  }
  return [...steps.values()];
}

/**
 * What is worth drawing: what the machine means to do, and where this one went aside.
 *
 * What is reached only by an error, or by a choice that fits nothing, is left out until somebody was there, and so are such ways.
 */
export function reduced(machine: Machine, entered: ReadonlySet<string>): Machine {
  const meant = machine.steps.filter((it) => it.way === "next" || it.way === "choice");
  const kept = new Set([machine.startAt, ...machine.states.map((it) => it.name).filter((it) => entered.has(it))]);
  const toSee = [machine.startAt];
  const seen = new Set<string>();
  for (let from = toSee.pop(); from !== undefined; from = toSee.pop()) {
    if (seen.has(from)) continue;
    seen.add(from);
    kept.add(from);
    toSee.push(...meant.filter((it) => it.from === from).map((it) => it.to));
  }
  return {
    startAt: machine.startAt,
    states: machine.states
      .filter((it) => kept.has(it.name))
      .map((it) => ({ ...it, branches: it.branches.map((branch) => reduced(branch, entered)) })),
    steps: machine.steps.filter((it) => {
      const isMeant = it.way === "next" || it.way === "choice";
      return isMeant ? kept.has(it.from) && kept.has(it.to) : entered.has(it.from) && entered.has(it.to);
    }),
  };
}

/** `AwaitReview` as people read it. */
export function spoken(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, "$1 $2").replaceAll(/[-_]/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1).toLowerCase();
}
