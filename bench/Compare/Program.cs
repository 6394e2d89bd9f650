using SessionManager.Compare;

return await BenchCommand.Run(args);
