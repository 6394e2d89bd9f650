using SessionManager.Cli;

using var http = new SocketsHttpHandler();
return await CommandLine.Run(args, new CommandContext(
    http, Console.In, Console.Out, Console.Error, Environment.GetEnvironmentVariable, Interactive: !Console.IsInputRedirected));
