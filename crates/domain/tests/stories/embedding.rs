//! The example is a promise to embedders, so it is run.

#[path = "../../examples/embed.rs"]
#[expect(dead_code, reason = "the example's own main is not called here")]
mod embed;

#[pollster::test]
async fn the_example_tells_its_whole_story() {
    Box::pin(embed::run()).await.unwrap();
}
