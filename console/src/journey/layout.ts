import { Graph, layout } from "@dagrejs/dagre";

import type { Machine, State, Step } from "./definition";

/** A state's place. Those of a branch are relative to the state that it runs in. */
export interface Placed {
  readonly state: State;
  readonly parent: string | undefined;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A line between two states, relative to the same place as these are. */
export interface Drawn {
  readonly step: Step;
  readonly parent: string | undefined;
  readonly points: readonly Point[];
}

export interface Picture {
  readonly placed: readonly Placed[];
  readonly drawn: readonly Drawn[];
  readonly width: number;
  readonly height: number;
}

const NODE_WIDTH = 200;
const NODE_HEIGHT = 46;
const CHOICE_HEIGHT = 34;
const END_HEIGHT = 34;
const BRANCH_GAP = 16;
const GROUP_HEAD = 40;
const GROUP_PADDING = 12;

/** Lays a machine out from top to bottom. Branches are laid out on their own, side by side, and their state is as large as they are. */
export function picture(machine: Machine, parent?: string): Picture {
  const graph = new Graph();
  graph.setGraph({ rankdir: "TB", nodesep: 26, ranksep: 30, edgesep: 14, marginx: 2, marginy: 2 });
  graph.setDefaultEdgeLabel(() => ({}));
  const inner = new Map(machine.states.map((state) => [state.name, groupOf(state)]));
  const order = onwards(machine);
  const states = machine.states.toSorted((one, other) => order.indexOf(one.name) - order.indexOf(other.name));
  for (const state of states) {
    const group = inner.get(state.name);
    const height = state.type === "Choice" ? CHOICE_HEIGHT : isEnd(state) ? END_HEIGHT : NODE_HEIGHT;
    graph.setNode(state.name, { width: group?.width ?? NODE_WIDTH, height: group?.height ?? height });
  }
  for (const step of machine.steps.toSorted((one, other) => order.indexOf(one.from) - order.indexOf(other.from))) {
    // What is meant to happen goes straight down; what goes wrong makes room for it.
    graph.setEdge(step.from, step.to, { weight: step.way === "next" ? 8 : step.way === "choice" ? 3 : 1, minlen: 1 });
  }
  layout(graph);

  const placed = machine.states.flatMap((state): readonly Placed[] => {
    const node = graph.node(state.name) as { x: number; y: number; width: number; height: number };
    const { width, height } = node;
    const own: Placed = { state, parent, x: node.x - width / 2, y: node.y - height / 2, width, height };
    return [own, ...(inner.get(state.name)?.placed ?? [])];
  });
  const drawn = machine.steps.map((step): Drawn => {
    const edge = graph.edge(step.from, step.to) as { points?: readonly Point[] };
    return { step, parent, points: (edge.points ?? []).map(({ x, y }) => ({ x, y })) };
  });
  const whole = graph.graph() as { width?: number; height?: number };
  return {
    placed,
    drawn: [...drawn, ...[...inner.values()].flatMap((it) => it?.drawn ?? [])],
    width: whole.width ?? 0,
    height: whole.height ?? 0,
  };
}

/**
 * The states in the order in which one comes to them: the layout turns around whichever line of a circle it meets last, which is
 * to be the way back.
 */
function onwards(machine: Machine): readonly string[] {
  const order = new Set<string>();
  const visit = (name: string) => {
    if (order.has(name)) return;
    order.add(name);
    const from = machine.steps.filter((it) => it.from === name);
    for (const isMeant of [true, false]) {
      from.filter((it) => (it.way === "next" || it.way === "choice") === isMeant).forEach((it) => visit(it.to));
    }
  };
  visit(machine.startAt);
  machine.states.forEach((it) => visit(it.name));
  return [...order];
}

export function isEnd(state: State): boolean {
  return state.type === "Succeed" || state.type === "Fail";
}

function groupOf(state: State): Picture | undefined {
  if (state.branches.length === 0) return undefined;
  const placed: Placed[] = [];
  const drawn: Drawn[] = [];
  let x = GROUP_PADDING;
  let height = 0;
  for (const branch of state.branches) {
    const inside = picture(branch, state.name);
    // What lies deeper is relative to its own state, which moves with this one.
    const isHere = (it: { readonly parent: string | undefined }) => it.parent === state.name;
    placed.push(...inside.placed.map((it) => (isHere(it) ? { ...it, x: it.x + x, y: it.y + GROUP_HEAD } : it)));
    const moved = (points: readonly Point[]) => points.map((it) => ({ x: it.x + x, y: it.y + GROUP_HEAD }));
    drawn.push(...inside.drawn.map((it) => (isHere(it) ? { ...it, points: moved(it.points) } : it)));
    x += inside.width + BRANCH_GAP;
    height = Math.max(height, inside.height);
  }
  return { placed, drawn, width: x - BRANCH_GAP + GROUP_PADDING, height: GROUP_HEAD + height + GROUP_PADDING };
}
