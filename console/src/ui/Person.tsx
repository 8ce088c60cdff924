import { useStaff } from "../session/context";
import { Id } from "./parts";

/** Somebody by the id that stands in everything they do; the graph tells no names. */
export function Person({ id }: { readonly id: string }) {
  const me = useStaff();
  if (id === me.id) return <strong>you</strong>;
  if (id === "system") return <span className="muted">the bank</span>;
  if (id === "customer") return <span>the customer</span>;
  return <Id of={id} />;
}
