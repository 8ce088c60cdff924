import { Alert, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

import type { Refusal } from "../graph/refusals";
import { useBankNow } from "./now";
import { moment, span, type Tone } from "./time";
import type { Word } from "./words";

export function Chip({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return <span className={`chip chip-${tone}`}>{children}</span>;
}

export function WordChip({ word }: { readonly word: Word }) {
  return <Chip tone={word.tone}>{word.text}</Chip>;
}

/** An id as people compare them: its first eight characters, and all of it on demand. */
export function Id({ of }: { readonly of: string }) {
  return (
    <Tooltip label={of} openDelay={300}>
      <span className="id">{of.slice(0, 8)}</span>
    </Tooltip>
  );
}

/** How long ago something was. */
export function Ago({ at }: { readonly at: string }) {
  const now = useBankNow();
  return (
    <Tooltip label={moment(at)} openDelay={300}>
      <time dateTime={at}>{span(Math.max(now - Date.parse(at), 0))} ago</time>
    </Tooltip>
  );
}

export function Panel(props: {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className={`panel ${props.className ?? ""}`} aria-label={props.title}>
      <header className="panel-head">
        <h2>{props.title}</h2>
        {props.aside}
      </header>
      <div className="panel-body">{props.children}</div>
    </section>
  );
}

/** Names and values. */
export function Facts({ of }: { readonly of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="facts">
      {of.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Why something was not done, where it was asked for. */
export function Refused({ refusal }: { readonly refusal: Refusal | undefined }) {
  if (!refusal) return null;
  return (
    <Alert color="red" variant="outline" className="refused" role="alert">
      <p>{refusal.text}</p>
      <p className="muted small">
        {refusal.code}
        {refusal.correlationId === undefined ? "" : ` · ${refusal.correlationId}`}
      </p>
    </Alert>
  );
}

export function Empty({ children }: { readonly children: ReactNode }) {
  return <p className="empty">{children}</p>;
}

/** What a page shows until its first answer is there. */
export function Loading() {
  return (
    <p className="empty" role="status">
      Loading …
    </p>
  );
}
