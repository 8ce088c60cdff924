import { useEffect, type RefObject } from "react";

/** Keeps the selected row in sight, and the focus with it if that is in the list: Enter then opens what is selected. */
export function useFollow(row: RefObject<HTMLTableRowElement | null>, isSelected: boolean): void {
  useEffect(() => {
    const element = row.current;
    if (!isSelected || !element) return;
    element.scrollIntoView({ block: "nearest" });
    const focused = document.activeElement;
    const isElsewhereInList = element.closest("tbody")?.contains(focused) === true && !element.contains(focused);
    if (isElsewhereInList) element.querySelector("a")?.focus();
  }, [row, isSelected]);
}
