using Bunit;
using Microsoft.AspNetCore.Components.Rendering;
using SessionManager.Console.Parts;

namespace SessionManager.Tests.Parts;

public class ReadingTests : ConsoleTest
{
    [Fact]
    public async Task A_page_that_hears_news_while_it_reads_shows_what_it_reads_and_then_reads_again()
    {
        var page = Render<Page>();
        for (var news = 0; news < 3; news++)
        {
            await page.InvokeAsync(page.Instance.Hear);
            Time.Advance(TimeSpan.FromSeconds(1));
            await page.InvokeAsync(() => { });
        }

        Assert.Single(page.Instance.Asked);
        Assert.True(page.Instance.Asked[0].TrySetResult("first"));
        page.WaitForAssertion(() => Assert.Equal(2, page.Instance.Asked.Count));
        Assert.Equal("first", page.Markup);
        Assert.True(page.Instance.Asked[1].TrySetResult("second"));
        page.WaitForAssertion(() => Assert.Equal("second", page.Markup));
    }

    public sealed class Page : Reading<string>
    {
        internal List<TaskCompletionSource<string>> Asked { get; } = [];

        internal void Hear() => LoadSoon();

        protected override Task OnInitializedAsync() => Load();

        protected override Task<string> Read(CancellationToken cancellation)
        {
            var asked = new TaskCompletionSource<string>();
            cancellation.Register(() => asked.TrySetCanceled(cancellation));
            Asked.Add(asked);
            return asked.Task;
        }

        protected override void BuildRenderTree(RenderTreeBuilder builder) => builder.AddContent(0, Value);
    }
}
