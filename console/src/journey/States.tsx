import type { ExecutionFileFragment } from "../graph/generated";
import { WordChip } from "../ui/parts";
import { clock, day, span } from "../ui/time";
import { STATE_STATUS } from "../ui/words";
import { spoken } from "./definition";

/** Every state that was entered, in the order in which that happened first. */
export function States({ execution }: { readonly execution: ExecutionFileFragment }) {
  return (
    <div className="table-wrap">
      <table className="table">
        <caption className="hidden">States that were entered</caption>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">How it went</th>
            <th scope="col">Entered</th>
            <th scope="col">Took</th>
          </tr>
        </thead>
        <tbody>
          {execution.states.map((it) => (
            <tr key={it.name}>
              <td>
                {spoken(it.name)}
                {it.entered > 1 ? <span className="muted small"> {it.entered}×</span> : null}
              </td>
              <td>
                <WordChip word={STATE_STATUS[it.status]} />
                {it.error === null ? null : <span className="id"> {it.error}</span>}
              </td>
              <td>
                <time dateTime={it.enteredAt} title={day(it.enteredAt)}>
                  {clock(it.enteredAt)}
                </time>
              </td>
              <td className="muted">
                {it.leftAt === null ? "" : span(Date.parse(it.leftAt) - Date.parse(it.enteredAt))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
