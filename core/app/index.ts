import type { AirlockApp, AppOptions } from '../contract/app.ts'
import type { Clock } from '../kit/index.ts'
import { appContext } from './context.ts'
import * as data from './data.ts'
import { evaluate } from './evaluation.ts'
import { doctor, forecast } from './forecast.ts'
import { importAdapter, inspect } from './import-adapter.ts'
import { chat, generate } from './inference.ts'
import * as keys from './keys.ts'
import { modelAdd, modelList, modelShow, modelVerify } from './models.ts'
import type { ProcessPort } from './ports.ts'
import { exportRun } from './runs/export.ts'
import { resume, run, runs, showRun, tune } from './runs/index.ts'

export type { FromJob, ToJob } from './job/messages.ts'
export { type JobChannel, serveJob } from './job/worker.ts'
export type { JobProcess, ProcessPort } from './ports.ts'

/** Builds the use cases for one workspace. Job processes come through the port, so the same application runs under Node and Electron. */
export function createApp(options: AppOptions, processes: ProcessPort, clock?: Clock): AirlockApp {
  const context = appContext(options, processes, clock)
  return {
    modelAdd: (input, io) => modelAdd(context, input, io),
    modelList: () => modelList(context),
    modelShow: (input, io) => modelShow(context, input, io),
    modelVerify: (input, io) => modelVerify(context, input, io),
    dataImport: (input, io) => data.dataImport(context, input, io),
    dataProfile: (input, io) => data.dataProfile(context, input, io),
    dataBalance: (input, io) => data.dataBalance(context, input, io),
    dataSplit: (input, io) => data.dataSplit(context, input, io),
    dataExport: (input, io) => data.dataExport(context, input, io),
    run: (input, io) => run(context, input, io),
    tune: (input, io) => tune(context, input, io),
    resume: (input, io) => resume(context, input, io),
    runs: () => runs(context),
    showRun: (input) => showRun(context, input),
    evaluate: (input, io) => evaluate(context, input, io),
    generate: (input, io) => generate(context, input, io),
    chat: (input, io) => chat(context, input, io),
    keysCreate: (input, io) => keys.keysCreate(context, input, io),
    keysShow: (input, io) => keys.keysShow(context, input, io),
    keysExport: (input, io) => keys.keysExport(context, input, io),
    keysTrust: (input, io) => keys.keysTrust(context, input, io),
    keysRevoke: (input, io) => keys.keysRevoke(context, input, io),
    keysList: (input, io) => keys.keysList(context, input, io),
    exportRun: (input, io) => exportRun(context, input, io),
    inspect: (input, io) => inspect(context, input, io),
    importAdapter: (input, io) => importAdapter(context, input, io),
    forecast: (input, io) => forecast(context, input, io),
    doctor: (_input, io) => doctor(context, io),
    close: async () => context.close(),
  }
}
