/** What the page wants done before the visitor is led away from it and back. */
type Task = () => Promise<void>
const tasks = new Set<Task>()

/** A dead line mustn't hold anybody up; in milliseconds. */
const patience = 3000

/** @returns what takes the task back */
export function beforeLeaving(task: Task): () => void {
  tasks.add(task)
  return () => tasks.delete(task)
}

export const doBeforeLeaving = (): Promise<unknown> =>
  Promise.race([
    Promise.allSettled([...tasks].map((task) => task())),
    new Promise((resolve) => setTimeout(resolve, patience)),
  ])
