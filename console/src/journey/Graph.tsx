import {
  Background,
  BaseEdge,
  Controls,
  Handle,
  Position,
  ReactFlow,
  type Edge,
  type EdgeProps,
  type Node,
  type NodeProps,
  type ReactFlowInstance,
} from "@xyflow/react";
import { useEffect, useMemo, useRef, useState } from "react";

import type { ExecutionFileFragment } from "../graph/generated";
import { WAIT_SHORT } from "./words";
import { machineOf, reduced, spoken } from "./definition";
import { picture, type Picture, type Placed, type Point } from "./layout";
import { isFollowed, standings, type Standing } from "./standing";

interface StateData extends Record<string, unknown> {
  readonly placed: Placed;
  readonly standing: Standing;
  readonly note: string | undefined;
}

type StateNode = Node<StateData, "state">;
type LineEdge = Edge<{ readonly points: readonly Point[] }, "line">;

/** The state machine with the way that this execution took. */
export default function Graph({
  execution,
  isWhole,
}: {
  readonly execution: ExecutionFileFragment;
  /** Whether states are drawn as well that only errors lead to. */
  readonly isWhole: boolean;
}) {
  const entered = execution.states.map((it) => it.name).join("\n");
  const laidOut = useMemo(() => {
    const machine = machineOf(execution.definition);
    return machine && picture(isWhole ? machine : reduced(machine, new Set(entered.split("\n"))));
  }, [execution.definition, entered, isWhole]);
  if (!laidOut) return <p className="empty">The state machine cannot be drawn.</p>;
  return <Drawing execution={execution} picture={laidOut} />;
}

function Drawing({ execution, picture }: { readonly execution: ExecutionFileFragment; readonly picture: Picture }) {
  const [flow, setFlow] = useState<ReactFlowInstance<StateNode, LineEdge>>();
  const box = useRef<HTMLDivElement>(null);
  const nodes = useMemo(() => nodesOf(picture, execution), [picture, execution]);
  const edges = useMemo(() => edgesOf(picture, execution), [picture, execution]);
  const here = execution.waits[0]?.state ?? execution.states.findLast((it) => it.leftAt === null)?.name ?? "";
  const focus = useMemo(() => middleOf(picture, here), [picture, here]);
  useEffect(() => {
    const height = box.current?.clientHeight ?? 0;
    const width = box.current?.clientWidth ?? 0;
    if (!flow || width === 0) return;
    // As large as the picture's width allows and still readable; then where the customer stands.
    const zoom = Math.min(Math.max((width - 24) / picture.width, 0.62), 1);
    const fits = picture.height * zoom <= height;
    const centre = focus ?? { x: picture.width / 2, y: picture.height / 2 };
    const half = height / 2 / zoom;
    const y = Math.min(Math.max(centre.y, half - 12), Math.max(picture.height - half + 12, half - 12));
    const isWide = picture.width * zoom > width;
    const x = isWide ? centre.x : picture.width / 2;
    void flow.setCenter(x, fits ? picture.height / 2 : y, { zoom });
  }, [flow, focus, picture]);
  return (
    <div
      className="graph"
      ref={box}
      role="group"
      aria-label="State machine of the journey; the list of states below says the same"
    >
      <ReactFlow<StateNode, LineEdge>
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        onInit={setFlow}
        minZoom={0.2}
        maxZoom={1.6}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        preventScrolling={false}
        zoomOnScroll={false}
        attributionPosition="bottom-right"
      >
        <Background gap={18} size={1} />
        <Controls showInteractive={false} position="top-left" />
      </ReactFlow>
    </div>
  );
}

function nodesOf(picture: Picture, execution: ExecutionFileFragment): StateNode[] {
  const standing = standings(execution);
  return picture.placed.map((placed): StateNode => {
    const { name } = placed.state;
    const { x, y, width, height, parent } = placed;
    return {
      id: name,
      type: "state",
      position: { x, y },
      width,
      height,
      data: { placed, standing: standing.get(name) ?? "idle", note: noteOf(name, execution) },
      ...(parent === undefined ? {} : { parentId: parent }),
    };
  });
}

/** What a state's second line says. */
function noteOf(name: string, execution: ExecutionFileFragment): string | undefined {
  const wait = execution.waits.find((it) => it.state === name);
  const state = execution.states.find((it) => it.name === name);
  const parts = [
    wait ? WAIT_SHORT[wait.for] : undefined,
    wait?.error ?? state?.error ?? undefined,
    state && state.entered > 1 ? `entered ${state.entered}×` : undefined,
  ];
  return parts.filter((it) => it !== undefined).join(" · ") || undefined;
}

function edgesOf(picture: Picture, execution: ExecutionFileFragment): LineEdge[] {
  const origins = new Map(picture.placed.map((it) => [it.state.name, it]));
  const originOf = (name: string | undefined): Point => {
    const at = name === undefined ? undefined : origins.get(name);
    if (!at) return { x: 0, y: 0 };
    const outer = originOf(at.parent);
    return { x: at.x + outer.x, y: at.y + outer.y };
  };
  return picture.drawn.map(({ step, parent, points }): LineEdge => {
    const origin = originOf(parent);
    const followed = isFollowed(step, execution);
    return {
      id: `${step.from}>${step.to}`,
      type: "line",
      source: step.from,
      target: step.to,
      className: `line line-${step.way} ${followed ? "line-followed" : ""}`,
      zIndex: followed ? 2 : 1,
      markerEnd: {
        type: "arrowclosed",
        width: 14,
        height: 14,
        color: followed ? (step.way === "catch" ? "var(--red)" : "var(--green)") : "var(--line-strong)",
      } as never,
      data: { points: points.map((it) => ({ x: it.x + origin.x, y: it.y + origin.y })) },
    };
  });
}

function middleOf(picture: Picture, name: string): Point | undefined {
  const at = picture.placed.find((it) => it.state.name === name);
  if (!at) return undefined;
  const outer = at.parent === undefined ? undefined : picture.placed.find((it) => it.state.name === at.parent);
  return { x: at.x + at.width / 2 + (outer?.x ?? 0), y: at.y + at.height / 2 + (outer?.y ?? 0) };
}

const SIGN: Readonly<Record<Standing, string>> = {
  idle: "",
  passed: "✓",
  active: "●",
  waiting: "◷",
  parked: "‖",
  failed: "✕",
};

function StateBox({ data }: NodeProps<StateNode>) {
  const { placed, standing, note } = data;
  const { state } = placed;
  const kind = state.branches.length > 0 ? "group" : state.type.toLowerCase();
  return (
    <div
      className={`state state-${kind} state-${standing}`}
      data-state={state.name}
      data-standing={standing}
      title={state.name}
    >
      <Handle type="target" position={Position.Top} isConnectable={false} />
      <div className="state-name">
        <span>{spoken(state.name)}</span>
        <span className="state-sign" aria-hidden="true">
          {SIGN[standing]}
        </span>
      </div>
      {note === undefined ? null : <div className="state-note">{note}</div>}
      <Handle type="source" position={Position.Bottom} isConnectable={false} />
    </div>
  );
}

/** Along the points that the layout found, which lead around what is in between. */
function Line({ id, data, markerEnd }: EdgeProps<LineEdge>) {
  return <BaseEdge id={id} path={smooth(data?.points ?? [])} {...(markerEnd === undefined ? {} : { markerEnd })} />;
}

function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  const parts = rest.map((point, index) => {
    const next = rest[index + 1];
    if (!next) return `L ${point.x} ${point.y}`;
    return `Q ${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`;
  });
  return [`M ${first.x} ${first.y}`, ...parts].join(" ");
}

const NODE_TYPES = { state: StateBox };
const EDGE_TYPES = { line: Line };
